// Whatever a client library logs as an error or a warning is a failure: it is what its user would see. Import this before
// the library, which may keep the console's functions from the moment it is loaded.
export const complaints = [];
// Said of every incident operation, whoever serves it.
const kAboutItself = /^Using unstable operation '/;
for (const level of ['error', 'warn']) {
  console[level] = (...parts) => {
    const text = parts.map(String).join(' ');
    if (!kAboutItself.test(text)) complaints.push(`${level}: ${text}`);
  };
}
process.on('warning', (warning) => {
  // Node's own deprecations are about the library's code, not about what we answered.
  if (warning.name !== 'DeprecationWarning' && warning.name !== 'ExperimentalWarning') complaints.push(`warning: ${warning.message}`);
});
