# The image of web, worker, beat and migrate; docker-compose.yml says which is which.
# The suite runs on this Python; the patch release follows the tag, the packages are pinned by hash.

FROM node:20-bookworm-slim AS front
WORKDIR /front
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund


FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
RUN python -m venv /opt/venv
COPY requirements.lock /tmp/requirements.lock
RUN /opt/venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r /tmp/requirements.lock
WORKDIR /app
COPY . .
COPY --from=front /front/node_modules ./node_modules
ENV PATH=/opt/venv/bin:$PATH
# A key for the time of the build only: it signs nothing.
RUN python tools/compile_messages.py \
    && NEWRETAIL_HOME=/tmp/build SECRET_KEY=build ALLOWED_HOSTS=build STATIC_ROOT=/app/collected \
       DJANGO_SETTINGS_MODULE=newretail.settings.prod python manage.py collectstatic --noinput \
    && rm -rf node_modules tools \
    && python -m compileall -q -j 0 /app /opt/venv/lib


FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 newretail \
    && useradd --uid 10001 --gid 10001 --home-dir /var/lib/newretail --no-create-home --shell /usr/sbin/nologin newretail \
    && install -d -o 10001 -g 10001 -m 0750 /var/lib/newretail
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    NEWRETAIL_HOME=/var/lib/newretail \
    DJANGO_SETTINGS_MODULE=newretail.settings.prod \
    STATIC_ROOT=/app/collected
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=40s --retries=4 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "-c", "python:newretail.gunicorn", "newretail.wsgi"]
