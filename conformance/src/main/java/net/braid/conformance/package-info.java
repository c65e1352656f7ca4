/**
 * Checks of the project itself.
 *
 * <pre>
 *   TidyTest ---- ClassRules      our class files: directions between modules, forbidden names
 *            ---- SourceRules     our sources: length, width, imports, names
 *   CitationTest - Citations      what sources quote of RFCs, compared with spec/rfc
 *            ---- Exceptions      spec/exceptions: where we depart from an RFC, and why
 * </pre>
 */
package net.braid.conformance;
