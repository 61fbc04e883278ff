import { synthesize } from "../../stacks/synthesize";
import { project, variants } from "./variants";

// an entry of its own, so that nothing outside the tests knows of this environment
synthesize({ project, environments: { variants } }, process.env);
