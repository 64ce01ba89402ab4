"""The commands of `cds-service` besides `serve`. They may use the example patients, which the service may not."""
