#!/usr/bin/env bash
# Resolve the hash-locked requirements anew from pyproject.toml. Needs uv; names no registry.
set -euo pipefail
cd "$(dirname "$0")/.."
compile=(uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate)
"${compile[@]}" pyproject.toml requirements/build.in --extra sql --output-file requirements/run.lock
for group in test lint bench; do
    "${compile[@]}" pyproject.toml requirements/build.in --extra sql --group "$group" \
        --constraint requirements/run.lock --output-file "requirements/$group.lock"
done
# MLflow, a peer of the API's benchmark, wants older libraries than ours: an environment of its own.
"${compile[@]}" requirements/peers.in --output-file requirements/peers.lock
