#!/usr/bin/env bash
# Terraform of one version into the folder of $TERRAFORM_BINARY_NAME, checked against the sum of its release: no action and no
# package source stands between. A new version needs its own sums, from releases.hashicorp.com.
set -euo pipefail

version=1.11.4
case "$(uname -m)" in
  x86_64) machine=amd64 sum=1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc ;;
  aarch64) machine=arm64 sum=a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633 ;;
  *) echo "there is no sum for $(uname -m): add it to $0" >&2 && exit 1 ;;
esac

file="terraform_${version}_linux_${machine}.zip"
folder="$(dirname "${TERRAFORM_BINARY_NAME:?names the program to be}")"
mkdir -p "$folder"
cd "$folder"
curl --fail --silent --show-error --location --retry 3 --output "$file" \
  "https://releases.hashicorp.com/terraform/${version}/${file}"
echo "${sum}  ${file}" | sha256sum --check --quiet
unzip -q -o "$file" terraform
rm "$file"
"$TERRAFORM_BINARY_NAME" version
