import type { BuildOptions } from "esbuild";

export declare function bundleOf(entry: string): BuildOptions;
export declare const root: string;
export declare function runBundle(entry: string, text: string): void;
