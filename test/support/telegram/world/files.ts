/** Files that people sent, for getFile and the download behind it (https://core.telegram.org/bots/api#getfile). */
export interface StoredFile {
  id: string;
  uniqueId: string;
  path: string;
  size: number;
  /** Made when it is asked for, so that a claimed size costs nothing. */
  content: Buffer | null;
}

export interface Files {
  add(file: { folder: string; extension: string; content?: Buffer; bytes?: number }): StoredFile;
  byId(id: string): StoredFile | undefined;
  byPath(path: string): StoredFile | undefined;
}

export function createFiles(randomId: (length: number) => string): Files {
  const byId = new Map<string, StoredFile>();
  const byPath = new Map<string, StoredFile>();
  return {
    add({ folder, extension, content, bytes }) {
      const file: StoredFile = {
        id: `AgACAgIAAxkB${randomId(48)}`,
        uniqueId: `AQAD${randomId(11)}`,
        path: `${folder}/file_${byId.size}.${extension}`,
        size: content?.length ?? bytes ?? 0,
        content: content ?? null,
      };
      byId.set(file.id, file);
      byPath.set(file.path, file);
      return file;
    },
    byId: (id) => byId.get(id),
    byPath: (path) => byPath.get(path),
  };
}
