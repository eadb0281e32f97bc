"""Work with a cluster through the user's own kubectl: apply a bundle, try it, delete it."""
