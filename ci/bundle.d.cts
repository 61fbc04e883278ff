import type { BuildOptions } from "esbuild";

export declare function bundleOf(entry: string): BuildOptions;
export declare const root: string;
