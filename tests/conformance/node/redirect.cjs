'use strict';
// Loaded before the application: stands in for DNS and TLS. What is meant for the intake hosts of a Datadog site goes to
// the address in GE_INTAKE instead; the client itself is as it came.
const http = require('node:http');
const https = require('node:https');

const target = new URL(process.env.GE_INTAKE);
const kHost = /^(llmobs-intake|api|public-trace-http-intake\.logs|instrumentation-telemetry-intake)\.datadoghq\.com$/;
const original = https.request;

https.request = function request(options, ...rest) {
  const host = options.hostname ?? options.host;
  if (!kHost.test(host)) return original.call(this, options, ...rest);
  const { agent, ...kept } = options;
  return http.request({ ...kept, protocol: 'http:', hostname: target.hostname, host: target.hostname, port: target.port }, ...rest);
};
