# syntax=docker/dockerfile:1

FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src

# Layers that rarely change come first: uv for the build, then the libraries, exactly as pinned.
# The environment has no pip, because it is copied into the final image unchanged.
COPY requirements/ requirements/
RUN pip install --require-hashes -r requirements/uv.txt \
    && python -m venv --without-pip /opt/bailiff \
    && pip --python /opt/bailiff/bin/python install --compile --require-hashes -r requirements/bot.txt

COPY pyproject.toml README.md LICENSE ./
COPY bailiff_bot/ bailiff_bot/
RUN uv build --wheel --out-dir /dist --python /usr/local/bin/python --require-hashes --build-constraints requirements/dev.txt \
    && pip --python /opt/bailiff/bin/python install --compile --no-deps /dist/*.whl


FROM python:3.12-slim
LABEL org.opencontainers.image.title="Bailiff" \
      org.opencontainers.image.description="A Slack bot that finds EC2 instances that break the team's rules, and notifies their owners" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN python -m pip uninstall --yes --root-user-action=ignore pip \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin bailiff \
    && install --directory --owner=10001 --group=10001 /data

COPY --from=build /opt/bailiff /opt/bailiff

# Without BAILIFF_DATABASE_URL the bot stores its data in an SQLite file in its working directory, the only directory that
# must be writable. A named volume there outlives the container: docker run --volume bailiff:/data ...
WORKDIR /data
VOLUME /data

# Everything is compiled above, and the file system may be read-only.
ENV PATH=/opt/bailiff/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# A number, because Kubernetes cannot check that a name is not root.
USER 10001:10001
ENTRYPOINT ["bailiff"]
CMD ["run"]
