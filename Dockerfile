# The assistant itself. PostgreSQL, Chroma and vLLM are services of their own: docker-compose.yml.
FROM python:3.11-slim-bookworm

# libgomp1: the embedded language model computes on several threads.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home salon \
    && install --directory --owner=salon /data /cache

WORKDIR /app

# The requirements change seldom, so they are a layer of their own that a rebuild takes from the cache.
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

COPY LICENSE app.py settings.py services.py parts.py ./
COPY assets ./assets
COPY stores ./stores
COPY chains ./chains
COPY jobs ./jobs
COPY ui ./ui

ENV PYTHONUNBUFFERED=1 \
    SALON_HOST=0.0.0.0 \
    SALON_PORT=7860 \
    SALON_DATA=/data \
    SALON_CACHE=/cache

USER salon
VOLUME ["/data", "/cache"]
EXPOSE 7860

HEALTHCHECK --interval=30s --timeout=10s --start-period=90s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"SALON_PORT\"]}/health', timeout=8)"]

CMD ["python", "app.py"]
