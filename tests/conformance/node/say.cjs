'use strict';
// What the scripts of this folder share: one line of JSON per thing the test must know, and identifiers as the APIs say them.

function say(name, values) {
  process.stdout.write(`${JSON.stringify({ name, ...values })}\n`);
}

// Trace id as 32 hexadecimal digits, span id in decimal.
function ids(span) {
  const context = span.context();
  return { trace: context.toTraceId(true), span: context.toSpanId() };
}

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

module.exports = { say, ids, sleep };
