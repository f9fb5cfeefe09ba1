import type { Split } from './source.ts';

/** Where a picture belongs, read from its path. */
export interface Placement {
  readonly split: Split;
  readonly label?: number;
}

/** How the paths of a source are understood. */
export interface PathConvention {
  readonly classes?: readonly string[];
  readonly notes: readonly string[];
  place(path: string): Placement;
}

const PICTURE = /\.(jpe?g|png|webp|gif|avif|tiff?)$/i;
const SPLITS: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  val: 'test',
  valid: 'test',
  validation: 'test',
  test: 'test',
  testing: 'test',
};
const MAX_CLASSES = 65_535;

const foldersOf = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .filter((name) => name !== '.' && name !== '');
const splitNamed = (folder: string | undefined): Split | undefined => SPLITS[folder?.toLowerCase() ?? ''];

/** Whether a path names a picture, by its ending; hidden files (also those macOS leaves in archives) are none. */
export const isPicturePath = (path: string): boolean =>
  PICTURE.test(path) &&
  !path.split('/').some((name) => (name.startsWith('.') && name !== '.') || name === '__MACOSX');

/** Folders that hold pictures, gathered while a source is looked through. */
export class FolderNames {
  private readonly seen = new Map<string, string[]>();

  add(path: string): void {
    const folders = foldersOf(path);
    this.seen.set(folders.join('/'), folders);
  }

  /** How many leading folders all pictures share, save a split's own folder. */
  private sharedDepth(): number {
    const [first = [], ...others] = this.seen.values();
    let depth = 0;
    while (
      depth < first.length &&
      splitNamed(first[depth]) === undefined &&
      others.every((folders) => folders[depth] === first[depth])
    ) {
      depth++;
    }
    return depth;
  }

  /**
   * [archive/][train|val|test/][class/…/]picture: folders that all pictures share say nothing; the next may be a
   * split; the next is the class. Without a class for each picture, or with one class only, there are no labels.
   */
  convention(): PathConvention {
    const depth = this.sharedDepth();
    const parse = (folders: readonly string[]): { split: Split; className?: string } => {
      const split = splitNamed(folders[depth]);
      const className = folders[split === undefined ? depth : depth + 1];
      return { split: split ?? 'train', ...(className === undefined ? {} : { className }) };
    };
    const names = [...this.seen.values()].map((folders) => parse(folders).className);
    const classes = [...new Set(names.filter((name) => name !== undefined))].sort();
    const labelled = classes.length > 1 && classes.length <= MAX_CLASSES && !names.includes(undefined);
    const indices = new Map(classes.map((name, index) => [name, index]));
    return {
      ...(labelled ? { classes } : {}),
      notes:
        classes.length > 1 && !labelled
          ? [`Only some pictures lie in class folders (such as ${classes[0]}), so no labels are used.`]
          : [],
      place: (path) => {
        const { split, className } = parse(foldersOf(path));
        const label = labelled && className !== undefined ? indices.get(className) : undefined;
        return { split, ...(label === undefined ? {} : { label }) };
      },
    };
  }
}
