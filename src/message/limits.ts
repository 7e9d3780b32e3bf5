/** The deepest nesting of a body that is read. */
export const maximumDepth = 64;
/** The most headers besides the library's own that a message may have. */
export const maximumHeaders = 32;
/** The most bytes those headers may have together. */
export const maximumHeaderBytes: number = 8 * 1024;
/** The most bytes of a whole header block, a long token included. */
export const maximumHeaderBlockBytes: number = 32 * 1024;
/** The longest text of an error that is sent or believed, in characters. */
export const maximumErrorTextLength = 1024;
