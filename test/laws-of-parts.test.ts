import { everything } from "./support/laws";
import { lawsOfParts } from "./support/laws-of-parts";

lawsOfParts(everything);
