/**
 * Checks of the project itself.
 *
 * <pre>
 *   TidyTest ---- ClassRules      our class files: directions between modules, forbidden names
 *            ---- SourceRules     our sources: length, width, imports, names
 *   CitationTest - Citations      what sources quote of RFCs, compared with spec/rfc
 *            ---- Exceptions      spec/exceptions: where we depart from an RFC, and why
 *   Conformance  - RequirementReport   the command: each entry of the checklist, and what shows it to be met
 *            ---- Checklist       spec/checklist.tsv, spec/open.tsv
 *            ---- NamedTests      tests with @Requirement
 * </pre>
 */
package net.braid.conformance;
