#!/usr/bin/env bash
# Look for known vulnerabilities that have a fix in the image that was built last in this job. Trivy gets the image as a file and not the
# socket of Docker, which is the whole machine.
set -euo pipefail

# 0.74.0
trivy=aquasec/trivy:0.74.0@sha256:62b1e65e8869bc4b4c6aa4fa2b21595256c7c2f6018a9d9ad61caf87187c1969
image="$(docker image ls --filter "label=org.opencontainers.image.revision=$1" --format '{{.ID}}' | head -n 1)"
[ -n "$image" ] || { echo "there is no image of commit $1: build it first" >&2; exit 1; }
# what is left out, and why
EXCEPTIONS="$(cat "$(dirname "$0")/../data/trivy-exceptions.txt")"
export EXCEPTIONS
# what is streamed needs no folder that Docker's machine and this one share
docker save "$image" | docker run --rm --interactive --env EXCEPTIONS --entrypoint sh "$trivy" -c \
  'printf "%s\n" "$EXCEPTIONS" > /tmp/exceptions && cat > /tmp/image.tar &&
   trivy image --input /tmp/image.tar --ignorefile /tmp/exceptions --severity HIGH,CRITICAL --ignore-unfixed --exit-code 1 --no-progress'
