int lgsp_CCurl_placeholder(void);
