import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { protocolVersion } from '../messages/messages.js';

/** The content of kernel_info_reply. */
export type KernelInfo = ReturnType<typeof describeKernel>;

/**
 * A function that gives the names and versions of the kernel and its language. `globals` are the names that every cell has; the
 * banner lists them. The files with the versions are read at the first call, so that the kernel's start does not wait for them.
 */
export function createKernelInfo(globals: readonly string[]): () => KernelInfo {
  let info: KernelInfo | undefined;
  return () => (info ??= describeKernel(globals));
}

function describeKernel(globals: readonly string[]) {
  const version = versionOf(new URL('../../../package.json', import.meta.url));
  return {
    status: 'ok',
    protocol_version: protocolVersion,
    implementation: 'apolab',
    implementation_version: version,
    language_info: {
      name: 'typescript',
      version: versionOf(compilerPackage()),
      mimetype: 'text/typescript',
      file_extension: '.ts',
      pygments_lexer: 'typescript',
      codemirror_mode: { name: 'javascript', typescript: true },
      nbconvert_exporter: 'script',
    },
    banner: `apolab ${version}: TypeScript on Node.js ${process.versions.node}\nGlobals: ${globals.join(', ')}`,
    debugger: false,
    supported_features: [],
    help_links: [
      { text: 'TypeScript', url: 'https://www.typescriptlang.org/docs/' },
      { text: 'TensorFlow.js', url: 'https://js.tensorflow.org/api/latest/' },
      { text: 'Danfo.js', url: 'https://danfo.jsdata.org/api-reference' },
      { text: 'Plotly.js', url: 'https://plotly.com/javascript/' },
    ],
  };
}

/** The TypeScript that compiles cells is the one that tslab brings. Only its description is read: the compiler loads later. */
function compilerPackage(): string {
  const tslab = createRequire(import.meta.url).resolve('tslab/package.json');
  return createRequire(tslab).resolve('@tslab/typescript-for-tslab/package.json');
}

const versionOf = (packageFile: string | URL): string =>
  (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version;
