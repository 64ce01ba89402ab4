"""The knowledge: one package a disease. No word of HTTP."""
