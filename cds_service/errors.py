"""One tree of numbered errors. What went wrong and what to do about it are said here; which HTTP status that makes is
left to `cds_service.web.problems`, and clinical gaps (data that could not be read) are no errors at all.

| number  | what went wrong                                              | raised as            |
| ------- | ------------------------------------------------------------ | -------------------- |
| CDS-001 | CDS_PROFILE is not set                                       | `StartUpError`       |
| CDS-002 | CDS_PROFILE names no profile                                 | `StartUpError`       |
| CDS-003 | the production profile needs a site file with its clients    | `StartUpError`       |
| CDS-004 | PORT is no port number                                       | `StartUpError`       |
| CDS-005 | a knowledge package offers a service that cannot be served   | `StartUpError`       |
| CDS-006 | the site's file (CDS_CONFIG) is not sound                    | `StartUpError`       |
| CDS-007 | traces are asked for, and their packages are not there       | `StartUpError`       |
| CDS-101 | no such path or service                                      | `PathUnknown`        |
| CDS-102 | the path does not answer this method                         | `MethodRefused`      |
| CDS-103 | the content type is not JSON                                 | `ContentTypeRefused` |
| CDS-104 | the body is too large                                        | `BodyTooLarge`       |
| CDS-105 | the HTTP request itself is broken                            | `RequestBroken`      |
| CDS-106 | the header fields are too long                               | `HeadersTooLong`     |
| CDS-201 | the body is not JSON                                         | `BodyUnreadable`     |
| CDS-202 | the body is JSON, but not an object                          | `BodyUnreadable`     |
| CDS-203 | the body is nested too deep                                  | `BodyUnreadable`     |
| CDS-204 | a required member is missing                                 | `EnvelopeInvalid`    |
| CDS-205 | a member is empty, null or of the wrong type                 | `EnvelopeInvalid`    |
| CDS-206 | the hook is not the one that this service serves             | `EnvelopeInvalid`    |
| CDS-301 | the patient was not prefetched, or is not the one in context | `PatientNotObtained` |
| CDS-401 | the client's token is not accepted                           | `TokenRefused`       |
| CDS-402 | the client's keys cannot be had                              | `KeysUnavailable`    |
| CDS-601 | the store cannot keep what was sent, or tell what it holds   | `StoreUnavailable`   |
| CDS-602 | nothing in a feedback is usable                              | `FeedbackUnusable`   |
| CDS-701 | there are too many calls at once                             | `Overloaded`         |
| CDS-901 | the service failed                                           | `ServiceFailed`      |

No text here may repeat what the client sent: a request can hold patient data at any place.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong. `code` is of FHIR's IssueType; `expression` is the path in the request, "" where none fits."""

    number: str
    code: str
    text: str
    advice: str
    expression: str = ""


class CdsError(Exception):
    """Anything that this service reports under a number; `faults` has at least one."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("\n".join(f"{fault.number}: {fault.text} {fault.advice}" for fault in faults))
        self.faults = faults


class StartUpError(CdsError):
    """The service cannot start as it is set up."""


class RequestError(CdsError):
    """The client can mend this."""


class PathUnknown(RequestError):
    """Nothing is served at this path."""

    def __init__(self) -> None:
        advice = "GET /cds-services lists the services; their ids are the last part of their paths."
        super().__init__(Fault("CDS-101", "not-found", "There is no such path or service here.", advice))


class MethodRefused(RequestError):
    """The path exists, for other methods."""

    def __init__(self) -> None:
        advice = "Use a method that the Allow header names: POST for a service, GET for the list of services."
        super().__init__(Fault("CDS-102", "not-supported", "This path does not answer this method.", advice))


class ContentTypeRefused(RequestError):
    """The body does not say that it is JSON, or is compressed."""

    def __init__(self) -> None:
        advice = "Send Content-Type: application/json (application/fhir+json is understood too), not compressed."
        super().__init__(
            Fault("CDS-103", "not-supported", "The content type of the request is not plain JSON.", advice)
        )


class BodyTooLarge(RequestError):
    """The body has more bytes than the limit."""

    def __init__(self, limit: int) -> None:
        text = f"The body has more than {limit} bytes."
        advice = "Prefetch no more than the templates of the service ask for, or page long lists."
        super().__init__(Fault("CDS-104", "too-long", text, advice))


class RequestBroken(RequestError):
    """The HTTP layer could not make sense of the request."""

    def __init__(self) -> None:
        advice = "Send the request again, whole and as HTTP/1.1."
        super().__init__(Fault("CDS-105", "invalid", "The request could not be read.", advice))


class HeadersTooLong(RequestError):
    """A header field is longer than the server takes, or there are too many of them."""

    def __init__(self, limit: int) -> None:
        text = f"A header field has more than {limit} characters, or there are too many header fields."
        advice = "Send the token in a single Authorization header, and leave out cookies and what else is not needed."
        super().__init__(Fault("CDS-106", "too-long", text, advice))


class BodyUnreadable(RequestError):
    """The body is not a JSON object that can be read."""

    @classmethod
    def not_json(cls) -> BodyUnreadable:
        """CDS-201."""
        advice = "Send one plain JSON object in UTF-8; gzip, NaN, Infinity, comments and trailing commas are not read."
        return cls(Fault("CDS-201", "structure", "The body is not JSON.", advice))

    @classmethod
    def not_an_object(cls) -> BodyUnreadable:
        """CDS-202."""
        advice = "Send the members hook, hookInstance, context and prefetch in one JSON object."
        return cls(Fault("CDS-202", "structure", "The body is JSON, but not an object.", advice))

    @classmethod
    def too_deep(cls) -> BodyUnreadable:
        """CDS-203."""
        advice = "Send FHIR resources as they are: none of them nests this deep."
        return cls(Fault("CDS-203", "structure", "The body is nested too deep.", advice))


class EnvelopeInvalid(RequestError):
    """The members around the patient's data break CDS Hooks; all faults at once."""


class PatientNotObtained(RequestError):
    """There is no saying whom the call is about; nothing can be advised."""

    def __init__(self, reason: str, query: str) -> None:
        text = f'The prefetch key "patient" ({query}) {reason}.'
        advice = 'Prefetch the Patient of context.patientId under the key "patient", or null if there is none.'
        super().__init__(Fault("CDS-301", "required", text, advice, "prefetch.patient"))


class TokenRefused(CdsError):
    """The caller is not known; one text for every reason, so that nobody learns from it. `why` and `issuer`, that of a
    client of ours or "", are for log and counts."""

    def __init__(self, why: str = "", issuer: str = "") -> None:
        self.why, self.issuer = why, issuer
        advice = "Send one Authorization header: Bearer and a token signed by a client that this service trusts."
        super().__init__(Fault("CDS-401", "login", "The client's token is not accepted.", advice))


class KeysUnavailable(CdsError):
    """The client's key set was never obtained, and its server does not answer. `why` and `issuer` are as above."""

    why = "key set"

    def __init__(self, issuer: str = "") -> None:
        self.issuer = issuer
        text = "The client's keys cannot be obtained at present."
        super().__init__(
            Fault("CDS-402", "transient", text, "Send the call again in a little while, with a new token.")
        )


class StoreUnavailable(CdsError):
    """The database does not answer."""

    def __init__(self) -> None:
        text = "The service cannot keep what was sent at present."
        super().__init__(Fault("CDS-601", "transient", text, "Nothing was kept. Send it again in a little while."))


class FeedbackUnusable(RequestError):
    """The body holds no usable feedback."""


class Overloaded(CdsError):
    """The service is at work on as many calls as it takes."""

    def __init__(self) -> None:
        text = "The service takes no more calls at this moment."
        super().__init__(Fault("CDS-701", "throttled", text, "Send the call again after the seconds in Retry-After."))


class ServiceFailed(CdsError):
    """Our own fault; says nothing of the cause, which is in the log."""

    def __init__(self) -> None:
        advice = "Try again; if it fails again, tell those who run this service at what time it failed."
        super().__init__(Fault("CDS-901", "exception", "The service failed to answer this request.", advice))
