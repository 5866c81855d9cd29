// What the client tests send and what must come back. One list for every client, so that they are held to the same.

// 1…1000 in an order that is neither sorted nor random: any part of it has nearly the percentiles of the whole.
export const kDistribution = Array.from({ length: 1000 }, (_, index) => ((index * 617) % 1000) + 1);
// The sketch's own bound is 0.8 % (gamma 1.015625); the rest is the rank between two values.
export const kPercentileTolerance = 0.01;
export const kPercentiles = { p50: 500, p75: 750, p90: 900, p95: 950, p99: 990 };

export function isNear(value, expected, tolerance) {
  return Number.isFinite(value) && Math.abs(value - expected) <= Math.abs(expected) * tolerance;
}

// Rule 1's query over a metric of the test's own.
export function injectionMonitor(metric, handles) {
  return {
    name: `injection on ${metric}`, type: 'query alert',
    query: `max(last_1m):max:${metric}{*} by {session_id} > 0.7`,
    message: `{{#is_alert}}session {{session_id.name}} scored {{value}}{{/is_alert}} ${handles}`,
    tags: ['team:conformance'], options: { thresholds: { critical: 0.7 }, on_missing_data: 'resolve' },
  };
}
