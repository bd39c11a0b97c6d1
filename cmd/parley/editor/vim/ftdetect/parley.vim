autocmd BufNewFile,BufRead *.parley setfiletype parley
