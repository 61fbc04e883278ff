import { synthesize } from "../../stacks/synthesize";
import { environments, project } from "./shipped";

// an entry for the benchmark: dev with as many services as SLIPWAY_BENCH_SERVICES says
const { dev } = environments;
const count = Number(process.env["SLIPWAY_BENCH_SERVICES"] ?? "1");
const services = Object.fromEntries(
  Array.from({ length: count }, (_, i) => [`api-${i}`, { ...dev.services.api, route: { path: `/api-${i}` } }]),
);
synthesize({ project, environments: { dev: { ...dev, services } } }, process.env);
