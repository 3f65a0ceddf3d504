"""Pictures of the product for `docs/pictures`: drawn scenes, a small story, a browser that looks at each page."""
