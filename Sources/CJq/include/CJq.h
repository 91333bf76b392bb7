int lgsp_CJq_placeholder(void);
