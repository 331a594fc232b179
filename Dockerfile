# One image for web, worker and beat.
FROM node:22-slim AS frontend
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY vite.config.js ./
COPY frontend frontend
RUN npm run --silent build

# The development packages compile the translations; they do not reach the final image.
FROM python:3.13-slim AS messages
WORKDIR /app
COPY requirements-dev.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-dev.lock
COPY . .
RUN python manage.py messages compile

FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=config.settings.base
WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY --from=messages /app /app
COPY --from=frontend /build/frontend/dist frontend/dist
# Noto Sans SC, for papers in PDF.
COPY --from=frontend /build/node_modules/@expo-google-fonts/noto-sans-sc /usr/share/fonts/noto-sans-sc
ENV PDF_FONT_FOLDER=/usr/share/fonts/noto-sans-sc
RUN SECRET_KEY=only-for-this-step python manage.py collectstatic --no-input \
    && useradd --system --home-dir /data product \
    && install --directory --owner=product /data /data/media
USER product
VOLUME /data
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "config.wsgi:application"]
