"""What programs called before there was `ImageStores`; each of it will go (stores §2)."""
