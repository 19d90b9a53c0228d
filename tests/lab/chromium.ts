/** The browser of the tests: any Chromium or Chrome of this machine; on Debian it is installed, if the user may do that. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const commonPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** The browser sends no requests to the internet, and uses no proxy. */
const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-proxy-server',
];

export interface LaunchedBrowser {
  readonly browser: Browser;
  /** Ends the browser and deletes its profile. */
  close(): Promise<void>;
}

/** Starts a headless browser with a new, empty profile; throws if there is none and none can be installed. */
export async function launchChromium(): Promise<LaunchedBrowser> {
  const executablePath = findChromium() ?? installChromium();
  const profile = mkdtempSync(path.join(tmpdir(), 'apolab-chromium-'));
  // Chromium refuses to run as root inside its sandbox.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({
    executablePath,
    headless: true,
    args: [...flags, ...sandbox],
    env: { ...process.env, HOME: profile, XDG_CONFIG_HOME: profile, XDG_CACHE_HOME: profile },
  });
  return {
    browser,
    close: async () => {
      await browser.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** `APOLAB_CHROMIUM`, or the first of the usual paths that exists. */
function findChromium(): string | undefined {
  const given = process.env.APOLAB_CHROMIUM;
  if (given === undefined || given === '') return commonPaths.find((candidate) => existsSync(candidate));
  if (existsSync(given)) return given;
  throw new Error(`APOLAB_CHROMIUM is ${given}, and there is no such file: give the browser's executable.`);
}

function installChromium(): string {
  const mayInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get');
  if (!mayInstall) {
    throw new Error(
      'no Chromium or Chrome was found: install one (on Debian `sudo apt-get install chromium`), or name it in APOLAB_CHROMIUM.',
    );
  }
  // Two test files may run this at once; the second one waits, and finds what the first one has installed.
  const install =
    'command -v chromium || (apt-get update && apt-get install -y --no-install-recommends chromium fonts-dejavu-core)';
  console.log(`no Chromium or Chrome was found: running ${install}`);
  execFileSync('flock', [path.join(tmpdir(), 'apolab-apt.lock'), 'sh', '-c', install], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  const installed = findChromium();
  if (installed === undefined) throw new Error('apt-get installed chromium, and /usr/bin/chromium is not there.');
  return installed;
}
