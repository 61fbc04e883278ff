import { environments, project } from "../environments";
import { synthesize } from "./synthesize";

// the only reader of the environment in stacks, constructs and environments
synthesize({ project, environments }, process.env);
