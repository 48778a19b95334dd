/* SPDX-License-Identifier: MIT */
/* statements.h: the longer statements to ClickHouse, one a file in sql/
 *
 * statements.c is made of those files, which say what each asks for: its comments are left out, and
 * its lines are put into one. @NAME@ is a macro of ours, so that columns have one list.
 */
#ifndef STORE_STATEMENTS_H
#define STORE_STATEMENTS_H

extern const char statement_changes_begin[];
extern const char statement_changes_look[];
extern const char statement_deliveries_fate[];
extern const char statement_deliveries_payload[];
extern const char statement_deliveries_rebuild_again[];
extern const char statement_deliveries_rebuild_kept[];
extern const char statement_deliveries_rebuild_last[];
extern const char statement_leads_alike[];
extern const char statement_leads_beside[];
extern const char statement_may_be_due[];
extern const char statement_odd_rows[];
extern const char statement_past[];
extern const char statement_people[];
extern const char statement_rebuild_blocks[];
extern const char statement_rebuild_loose[];
extern const char statement_rebuild_rows[];
extern const char statement_report_briefs[];
extern const char statement_report_changes[];
extern const char statement_report_leads[];
extern const char statement_whole[];

#endif
