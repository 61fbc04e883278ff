export {};
// a law: synthesis and tests never need, or find, credentials
for (const key of Object.keys(process.env)) if (/^(AWS_|TF_|SLIPWAY_)/.test(key)) delete process.env[key];
