// Statements straight to the engine of a server that runs here.
import { request } from 'node:http';
import { join } from 'node:path';

// The answer's text, trimmed; rejects with what the engine says.
export function askEngine(server, sql, { seconds = 600 } = {}) {
  const settings = `max_execution_time=${seconds}&max_partitions_per_insert_block=1000`;
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: join(server.dataDir, 'store', 'engine.sock'), method: 'POST', path: `/?database=godseye&${settings}` }, (reply) => {
      let text = '';
      reply.on('data', (chunk) => { text += chunk; });
      reply.on('end', () => (reply.statusCode === 200 ? resolve(text.trim()) : reject(new Error(text.slice(0, 500)))));
    });
    call.on('error', reject);
    call.end(sql);
  });
}
