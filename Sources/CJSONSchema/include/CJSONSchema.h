int lgsp_CJSONSchema_placeholder(void);
