# The service in a container: no root, no shell needed, works on a read-only root file system (docker run --read-only).
# It starts no profile by itself: docker run --rm -e CDS_PROFILE=sandbox -p 127.0.0.1:8080:8080 IMAGE
# What it keeps (the store, the audit file where one is asked for) lies in /data: mount a volume there.

FROM python:3.13-slim AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock requirements-build.lock ./
RUN python3 -m venv /opt/build \
 && /opt/build/bin/pip install --no-deps --only-binary :all: --require-hashes -r requirements-build.lock \
 && python3 -m venv /opt/service \
 && /opt/service/bin/pip install --no-deps --only-binary :all: --require-hashes -r requirements.lock
COPY pyproject.toml hatch_build.py README.md LICENSE NOTICE ./
COPY cds_service ./cds_service
COPY hooks ./hooks
COPY fhir_examples ./fhir_examples
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
 && /opt/service/bin/pip install --no-deps --no-index dist/*.whl \
 && /opt/service/bin/pip check \
 && /opt/service/bin/python -m pip uninstall --yes pip

FROM python:3.13-slim
LABEL org.opencontainers.image.title="anti-mag-cds" \
      org.opencontainers.image.description="CDS Hooks 2.0 service: decision support for anti-MAG neuropathy" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/service /opt/service
RUN install -d -o 10001 -g 10001 -m 0700 /data
# gunicorn's workers beat in a temporary file: keep it in memory, where a read-only root does not matter.
ENV PATH="/opt/service/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    GUNICORN_CMD_ARGS="--worker-tmp-dir /dev/shm" \
    PORT=8080
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
CMD ["cds-service", "serve", "--host", "0.0.0.0"]
