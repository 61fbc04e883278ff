import { synthesize } from "../../stacks/synthesize";
import { environments, project } from "./shipped";

// stacks/app.ts with what a fork starts with, whatever the fork has made of it
synthesize({ project, environments }, process.env);
