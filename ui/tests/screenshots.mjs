// Pictures of every page, dark and light, desktop and phone, into a folder (SCREENSHOTS, or a new temporary one), from
// the fake API or GODSEYE_URL. For people: nothing is compared.
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBrowser } from './browser.mjs';
import { startFakeApi } from './fake_api.mjs';

const folder = process.env.SCREENSHOTS ?? (await mkdtemp(join(tmpdir(), 'godseye-screens-')));
await mkdir(folder, { recursive: true });
const fake = process.env.GODSEYE_URL ? null : await startFakeApi();
const base = process.env.GODSEYE_URL ?? fake.url;
const only = process.argv[2];

const get = async (path) => (await fetch(base + path)).json();
const monitors = await get('/api/v1/monitor');
const incidents = (await get('/api/v2/incidents?page[size]=50&page[offset]=0')).data ?? [];
const open = incidents.find((i) => i.attributes?.state === 'active') ?? incidents[0];
const done = incidents.find((i) => i.attributes?.state === 'resolved');
const query = (text, range = '1h') => `/explorer?q=${encodeURIComponent(text)}&range=${range}`;
const pages = {
  overview: '/',
  explorer_empty: '/explorer',
  explorer: query('avg:llm.request.duration{*} by {service}'),
  explorer_sessions: query('max:llm.security.injection_attempt_score{*} by {session_id}'),
  explorer_error: query('avg:llm.request.duration{*} by service'),
  monitors: '/monitors',
  ...(monitors[0] ? { monitor: `/monitors/${monitors[0].id}` } : {}),
  downtimes: '/downtimes',
  notifications: '/notifications',
  incidents: '/incidents',
  ...(open ? { incident_open: `/incidents/${open.id}` } : {}),
  ...(done ? { incident_resolved: `/incidents/${done.id}` } : {}),
  ...(await tracePages()),
  service_map: '/service-map',
  errors: '/errors',
  guard: '/guard',
  gateway: '/gateway',
  ...(await callPage()),
  blocks: '/blocks',
  providers: '/providers',
  shadow: '/shadow',
  playground: '/playground',
  ingestion: '/ingestion',
};
// The newest LLM call, its trace, its session and its user.
async function tracePages() {
  const now = Math.floor(Date.now() / 1000);
  const range = `from=${now - 86400}&to=${now}`;
  const spans = (await get(`/api/godseye/v1/spans?${range}&limit=50&query=${encodeURIComponent('@meta.span.kind:llm')}`)).spans ?? [];
  const span = spans.find((one) => one.session_id && one.user_id) ?? spans[0];
  return {
    traces: '/traces?range=1d',
    sessions: '/sessions?range=1d',
    users: '/users?range=1d',
    ...(span ? { trace: `/traces/${span.trace_id}?span=${span.span_id}` } : {}),
    ...(span?.session_id ? { session: `/sessions?id=${encodeURIComponent(span.session_id)}` } : {}),
    ...(span?.user_id ? { user: `/users?id=${encodeURIComponent(span.user_id)}` } : {}),
  };
}

// The newest call that was stopped.
async function callPage() {
  const calls = (await get('/api/godseye/v1/gateway/calls?query=verdict:refused&limit=1')).calls ?? [];
  return calls[0] ? { call: `/gateway/${encodeURIComponent(calls[0].call_id)}` } : {};
}

const looks = [
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { name: 'phone', colorScheme: 'dark', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 },
];

for (const { name, ...options } of looks) {
  if (only && only !== name) continue;
  const browser = await startBrowser(options);
  const page = await browser.context.newPage();
  page.on('console', (m) => m.type() === 'error' && console.log(`${name}: ${m.text()}`));
  page.on('pageerror', (error) => console.log(`${name}: ${error}`));
  for (const [title, path] of Object.entries(pages)) {
    await page.goto(base + path);
    await page.waitForTimeout(900);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (wide > 0) console.log(`${name} ${title}: ${wide}px wider than the window`);
    await page.screenshot({ path: join(folder, `${title}_${name}.png`), fullPage: title !== 'explorer_sessions' });
  }
  await browser.stop();
}
await fake?.stop();
console.log(folder);
