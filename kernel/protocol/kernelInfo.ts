import { readFileSync } from 'node:fs';
import { protocolVersion } from '../wire/messages.js';

const packageFile = new URL('../../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

/** Who the kernel is and which language its cells are written in. */
export function kernelInfo() {
  return {
    status: 'ok',
    protocol_version: protocolVersion,
    implementation: 'apolab',
    implementation_version: version,
    language_info: {
      name: 'typescript',
      version: '5.0.4',
      mimetype: 'text/typescript',
      file_extension: '.ts',
      pygments_lexer: 'typescript',
      codemirror_mode: { name: 'javascript', typescript: true },
      nbconvert_exporter: 'script',
    },
    banner: `apolab ${version}: TypeScript on Node.js ${process.versions.node}\nGlobals: tf, dfd, Plotly, objectives, preference, models, training, world, ablation, datasets, charts, display, progress, input, comms, widgets`,
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
