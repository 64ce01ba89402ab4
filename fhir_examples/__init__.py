"""Named patients: FHIR charts, the hook calls made for them, and the cards expected of the service.

Data, with the little code that reads it: `example` loads a patient, `shift` moves all dates by whole days, `search` and
`request` build a hook request from a chart and a service's own prefetch templates, `build` writes the stored files.
`writing` and `everyday` write charts that are too long for a hand; `long_charts` tells the two of decades with them.
Nothing here knows what a card should say; that is written by hand in each patient's `expected-*.json`.
"""
