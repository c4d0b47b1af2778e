# Web, worker, beat and migrate share this image; docker-compose.yml gives each its command.
FROM node:22-bookworm-slim AS browser
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
COPY static static
COPY phone/build.mjs phone/build.mjs
RUN node phone/build.mjs && rm -r node_modules/esbuild node_modules/@esbuild

FROM python:3.13-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
COPY requirements.txt constraints.txt ./
RUN pip install --requirement requirements.txt --constraint constraints.txt
COPY --from=browser /app/node_modules node_modules
COPY . .
COPY --from=browser /app/static_built static_built
# The settings want addresses and a key; neither of these commands uses them, and the checks refuse the key.
RUN for po in locale/*/LC_MESSAGES/django.po; do pybabel compile --input-file $po --output-file ${po%.po}.mo; done \
    && SECRET_KEY=only-while-building DATABASE_URL=postgresql:///none REDIS_URL=redis://none \
       python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q .
# The code belongs to root and the process to 'grid': it can write its files' volume and /tmp, nothing else.
RUN useradd --system --uid 10001 --no-create-home grid \
    && install -d -o grid -g grid -m 0750 /var/lib/grid-platform /backup
USER grid
ENV VAR_DIR=/var/lib/grid-platform BIND=0.0.0.0:8000
EXPOSE 8000
CMD ["gunicorn", "grid_platform.wsgi", "--config", "deploy/gunicorn.conf.py"]
