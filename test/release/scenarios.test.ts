import { runTable } from "./scenarios/run-table";
import { untilServices } from "./scenarios/table";

runTable(untilServices);
