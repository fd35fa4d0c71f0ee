# syntax=docker/dockerfile:1

FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src

# What changes seldom comes first, so that its layer is kept: uv to build with, then the libraries, exactly as pinned.
# The environment gets no pip, because it is copied into the final image as it stands.
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
      org.opencontainers.image.description="Whose every EC2 instance is, and what it owes, said in Slack" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN python -m pip uninstall --yes --root-user-action=ignore pip \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin bailiff \
    && install --directory --owner=10001 --group=10001 /data

COPY --from=build /opt/bailiff /opt/bailiff

# Without BAILIFF_DATABASE_URL the bot remembers in an SQLite file in its working directory, which alone has to be
# writable. A named volume there outlives the container: docker run --volume bailiff:/data ...
WORKDIR /data
VOLUME /data

# Everything is compiled above, and the file system may be read-only.
ENV PATH=/opt/bailiff/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# By number, so that Kubernetes can see that it is not root.
USER 10001:10001
ENTRYPOINT ["bailiff"]
CMD ["run"]
