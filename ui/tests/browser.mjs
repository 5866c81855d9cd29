// Chromium for tests and screenshots: found, started with a fresh profile, ended and its profile removed.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const kFlags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

// Null when there is none; tests then say so and skip.
export function chromiumPath() {
  const named = process.env.CHROMIUM;
  const candidates = [named, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  return candidates.find((path) => path && existsSync(path)) ?? null;
}

export async function startBrowser(options = {}) {
  const profile = await mkdtemp(join(tmpdir(), 'godseye-ui-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
    headless: true,
    args: kFlags,
    chromiumSandbox: false,
    colorScheme: 'dark',
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  context.setDefaultTimeout(15_000);
  return {
    context,
    async stop() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

// Everything that must not happen on any page: console errors, uncaught exceptions, dialogs (an alert is how injected
// script would show), requests to another host. `allowed` are console texts a test provokes on purpose.
export function watch(page, base) {
  const seen = { errors: [], foreign: [], dialogs: [] };
  const host = new URL(base).host;
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') seen.errors.push(message.text());
  });
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  page.on('dialog', (dialog) => {
    seen.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.host !== host) seen.foreign.push(request.url());
  });
  return seen;
}
