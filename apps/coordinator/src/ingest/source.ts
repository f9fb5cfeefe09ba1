export type Split = 'train' | 'test';

/** uint8 [height, width, channels], already decoded. */
export interface RawImage {
  readonly kind: 'raw';
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

/** A file in a picture format (JPEG, PNG, WebP, …), not yet decoded. */
export interface EncodedImage {
  readonly kind: 'encoded';
  readonly bytes: Uint8Array;
}

/** A picture that could not even be fetched, for the reason given. */
export interface UnreadableImage {
  readonly kind: 'unreadable';
  readonly reason: string;
}

/** One record of a source; `label` indexes the source's classes. */
export interface SourcePicture {
  readonly name: string;
  readonly split: Split;
  readonly label?: number;
  readonly image: RawImage | EncodedImage | UnreadableImage;
}

/** The sizes found on a first look: `count` pictures between the smallest and the largest, all grey or not. */
export interface Extent {
  readonly count: number;
  readonly smallest: number;
  readonly largest: number;
  /** All pictures have the same width and the same height. */
  readonly uniform: boolean;
  readonly channels: 1 | 3;
}

/** A data set in one of the known formats, opened and looked through once. */
export interface Source {
  /** The format in words, for sentences. */
  readonly format: string;
  readonly extent: Extent;
  /** Names of the classes in label order; absent without labels. */
  readonly classes?: readonly string[];
  /** What a person should know about how the source was understood. */
  readonly notes: readonly string[];
  /** Every picture in a fixed order; may be called again. Throws InputError where the source is damaged. */
  pictures(): AsyncIterable<SourcePicture>;
}

/** Told about progress while a source is looked through. */
export type OnLook = (done: number, total?: number) => void;
