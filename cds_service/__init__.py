"""The engine: CDS Hooks, FHIR, HTTP. It knows no disease; the knowledge is a package under `hooks`."""

__version__ = "0.1.0"
