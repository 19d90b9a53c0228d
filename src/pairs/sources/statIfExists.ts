import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** The status of a file or folder; undefined if there is none of that name. Any other error is thrown. */
export async function statIfExists(place: string): Promise<Stats | undefined> {
  try {
    return await stat(place);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}

/** Whether there is a folder of that name. */
export async function isFolder(place: string): Promise<boolean> {
  return (await statIfExists(place))?.isDirectory() ?? false;
}
