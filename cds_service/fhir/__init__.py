"""From the JSON that an EHR sends to a `PatientRecord`: lenient about form, strict about meaning.

`read` is the way in. What cannot be read becomes a `Gap`; what the facts mean is left to the disease package.
"""
