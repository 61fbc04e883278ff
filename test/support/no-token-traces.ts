// cdktf notes where every token is made, in objects that are no errors; jest would look each line up in a source map
const ofErrors = Error.prepareStackTrace?.bind(Error);

Error.prepareStackTrace = (error, frames) => {
  if (!(error instanceof Error)) return "";
  return ofErrors?.(error, frames) ?? [String(error), ...frames.map(String)].join("\n    at ");
};
