"""The JSON edge: v1, its OpenAPI document, problem+json errors."""
