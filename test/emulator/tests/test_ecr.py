"""Images: digests, tags that never move, and a registry in another account."""

from __future__ import annotations

import hashlib
import unittest

from support import ACCOUNT, INDEX, OTHER_ACCOUNT, client, index_manifest, unique


class RegistryTest(unittest.TestCase):
    def setUp(self) -> None:
        self.ecr = client("ecr")
        self.name = unique("repository")
        self.ecr.create_repository(repositoryName=self.name, imageTagMutability="IMMUTABLE")

    def put(self, manifest: str, tag: str) -> str:
        """Puts an image and gives its digest."""
        image = self.ecr.put_image(
            repositoryName=self.name, imageManifest=manifest, imageManifestMediaType=INDEX, imageTag=tag
        )["image"]
        return image["imageId"]["imageDigest"]

    def test_scanning_is_turned_off_by_an_empty_configuration(self) -> None:
        name = unique("repository")
        self.ecr.create_repository(repositoryName=name, imageScanningConfiguration={"scanOnPush": True})
        self.ecr.put_image_scanning_configuration(repositoryName=name, imageScanningConfiguration={})
        repository = self.ecr.describe_repositories(repositoryNames=[name])["repositories"][0]
        self.assertEqual(repository["imageScanningConfiguration"], {"scanOnPush": False})

    def test_second_tag_is_of_the_same_image(self) -> None:
        manifest = index_manifest()
        digest = self.put(manifest, "build-1")
        self.assertEqual(digest, "sha256:" + hashlib.sha256(manifest.encode()).hexdigest())
        self.assertEqual(self.put(manifest, "release-dev-1"), digest)
        for image_id in ({"imageTag": "build-1"}, {"imageTag": "release-dev-1"}, {"imageDigest": digest}):
            detail = self.ecr.describe_images(repositoryName=self.name, imageIds=[image_id])["imageDetails"][0]
            self.assertEqual(detail["imageDigest"], digest)
            self.assertEqual(sorted(detail["imageTags"]), ["build-1", "release-dev-1"])
            self.assertEqual(detail["imageManifestMediaType"], INDEX)

    def test_manifest_comes_back_as_it_was_put_under_the_tag_that_is_asked_for(self) -> None:
        manifest = index_manifest()
        digest = self.put(manifest, "build-1")
        self.put(manifest, "release-dev-1")
        image = self.ecr.batch_get_image(repositoryName=self.name, imageIds=[{"imageTag": "build-1"}])["images"][0]
        self.assertEqual(image["imageId"], {"imageDigest": digest, "imageTag": "build-1"})
        self.assertEqual((image["imageManifest"], image["imageManifestMediaType"]), (manifest, INDEX))
        image = self.ecr.batch_get_image(repositoryName=self.name, imageIds=[{"imageDigest": digest}])["images"][0]
        self.assertEqual(image["imageManifest"], manifest)

    def test_tag_never_moves(self) -> None:
        manifest = index_manifest()
        self.put(manifest, "release-dev-1")
        with self.assertRaises(self.ecr.exceptions.ImageAlreadyExistsException):
            self.put(manifest, "release-dev-1")
        with self.assertRaises(self.ecr.exceptions.ImageTagAlreadyExistsException):
            self.put(index_manifest(), "release-dev-1")

    def test_what_does_not_exist_is_told(self) -> None:
        with self.assertRaises(self.ecr.exceptions.ImageNotFoundException):
            self.ecr.describe_images(repositoryName=self.name, imageIds=[{"imageTag": "none"}])
        answer = self.ecr.batch_get_image(repositoryName=self.name, imageIds=[{"imageTag": "none"}])
        self.assertEqual([failure["failureCode"] for failure in answer["failures"]], ["ImageNotFound"])

    def test_registry_of_another_account_answers_by_its_id(self) -> None:
        manifest = index_manifest()
        digest = self.put(manifest, "build-1")
        other = client("ecr", OTHER_ACCOUNT)
        asked = {"registryId": ACCOUNT, "repositoryName": self.name}
        detail = other.describe_images(**asked, imageIds=[{"imageTag": "build-1"}])["imageDetails"][0]
        self.assertEqual((detail["registryId"], detail["imageDigest"]), (ACCOUNT, digest))
        other.put_image(**asked, imageManifest=manifest, imageManifestMediaType=INDEX, imageTag="release-dev-1")
        with self.assertRaises(other.exceptions.RepositoryNotFoundException):
            other.describe_images(repositoryName=self.name)
